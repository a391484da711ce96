"""The names of SOP classes whose objects hold no pixel data (PS3.4 B.5, PS3.6 A)."""

from __future__ import annotations

from typing import Final

_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."

_NAMES: Final = {
    "4.2": "MR Spectroscopy",
    "9.1.1": "12-lead ECG Waveform",
    "9.1.2": "General ECG Waveform",
    "9.1.3": "Ambulatory ECG Waveform",
    "9.1.4": "General 32-bit ECG Waveform",
    "9.2.1": "Hemodynamic Waveform",
    "9.3.1": "Cardiac Electrophysiology Waveform",
    "9.4.1": "Basic Voice Audio Waveform",
    "9.4.2": "General Audio Waveform",
    "9.5.1": "Arterial Pulse Waveform",
    "9.6.1": "Respiratory Waveform",
    "9.6.2": "Multi-channel Respiratory Waveform",
    "9.7.1": "Routine Scalp Electroencephalogram Waveform",
    "9.7.2": "Electromyogram Waveform",
    "9.7.3": "Electrooculogram Waveform",
    "9.7.4": "Sleep Electroencephalogram Waveform",
    "9.8.1": "Body Position Waveform",
    "11.1": "Grayscale Softcopy Presentation State",
    "11.2": "Color Softcopy Presentation State",
    "11.3": "Pseudo-Color Softcopy Presentation State",
    "11.4": "Blending Softcopy Presentation State",
    "11.5": "XA/XRF Grayscale Softcopy Presentation State",
    "11.6": "Grayscale Planar MPR Volumetric Presentation State",
    "11.7": "Compositing Planar MPR Volumetric Presentation State",
    "11.8": "Advanced Blending Presentation State",
    "11.9": "Volume Rendering Volumetric Presentation State",
    "11.10": "Segmented Volume Rendering Volumetric Presentation State",
    "11.11": "Multiple Volume Rendering Volumetric Presentation State",
    "11.12": "Variable Modality LUT Softcopy Presentation State",
    "66": "Raw Data",
    "66.1": "Spatial Registration",
    "66.2": "Spatial Fiducials",
    "66.3": "Deformable Spatial Registration",
    "66.5": "Surface Segmentation",
    "66.6": "Tractography Results",
    "67": "Real World Value Mapping",
    "68.1": "Surface Scan Mesh",
    "68.2": "Surface Scan Point Cloud",
    "77.1.5.3": "Stereometric Relationship",
    "77.1.5.8": "Ophthalmic Optical Coherence Tomography B-scan Volume Analysis",
    "78.1": "Lensometry Measurements",
    "78.2": "Autorefraction Measurements",
    "78.3": "Keratometry Measurements",
    "78.4": "Subjective Refraction Measurements",
    "78.5": "Visual Acuity Measurements",
    "78.6": "Spectacle Prescription Report",
    "78.7": "Ophthalmic Axial Measurements",
    "78.8": "Intraocular Lens Calculations",
    "79.1": "Macular Grid Thickness and Volume Report",
    "80.1": "Ophthalmic Visual Field Static Perimetry Measurements",
    "81.1": "Ophthalmic Thickness Map",
    "82.1": "Corneal Topography Map",
    "88.11": "Basic Text SR",
    "88.22": "Enhanced SR",
    "88.33": "Comprehensive SR",
    "88.34": "Comprehensive 3D SR",
    "88.35": "Extensible SR",
    "88.40": "Procedure Log",
    "88.50": "Mammography CAD SR",
    "88.59": "Key Object Selection Document",
    "88.65": "Chest CAD SR",
    "88.67": "X-Ray Radiation Dose SR",
    "88.68": "Radiopharmaceutical Radiation Dose SR",
    "88.69": "Colon CAD SR",
    "88.70": "Implantation Plan SR",
    "88.71": "Acquisition Context SR",
    "88.72": "Simplified Adult Echo SR",
    "88.73": "Patient Radiation Dose SR",
    "88.74": "Planned Imaging Agent Administration SR",
    "88.75": "Performed Imaging Agent Administration SR",
    "88.76": "Enhanced X-Ray Radiation Dose SR",
    "88.77": "Waveform Annotation SR",
    "90.1": "Content Assessment Results",
    "91.1": "Microscopy Bulk Simple Annotations",
    "104.1": "Encapsulated PDF",
    "104.2": "Encapsulated CDA",
    "104.3": "Encapsulated STL",
    "104.4": "Encapsulated OBJ",
    "104.5": "Encapsulated MTL",
    "131": "Basic Structured Display",
    "200.1": "CT Defined Procedure Protocol",
    "200.2": "CT Performed Procedure Protocol",
    "200.3": "Protocol Approval",
    "200.7": "XA Defined Procedure Protocol",
    "200.8": "XA Performed Procedure Protocol",
    "481.3": "RT Structure Set",
    "481.4": "RT Beams Treatment Record",
    "481.5": "RT Plan",
    "481.6": "RT Brachy Treatment Record",
    "481.7": "RT Treatment Summary Record",
    "481.8": "RT Ion Plan",
    "481.9": "RT Ion Beams Treatment Record",
    "481.10": "RT Physician Intent",
    "481.11": "RT Segment Annotation",
    "481.12": "RT Radiation Set",
    "481.13": "C-Arm Photon-Electron Radiation",
    "481.14": "Tomotherapeutic Radiation",
    "481.15": "Robotic-Arm Radiation",
    "481.16": "RT Radiation Record Set",
    "481.17": "RT Radiation Salvage Record",
    "481.18": "Tomotherapeutic Radiation Record",
    "481.19": "C-Arm Photon-Electron Radiation Record",
    "481.20": "Robotic Radiation Record",
    "481.21": "RT Radiation Set Delivery Instruction",
    "481.22": "RT Treatment Preparation",
    "481.25": "RT Patient Position Acquisition Instruction",
}
"""Without the prefix that all have, and without "Storage", which all end in."""


def name_without_pixels(sop_class: str) -> str | None:
    """The name of a SOP class whose objects have no pixel data by their nature, None for any other.

    >>> name_without_pixels("1.2.840.10008.5.1.4.1.1.88.11")
    'Basic Text SR Storage'
    """
    name = _NAMES.get(sop_class.removeprefix(_STORAGE)) if sop_class.startswith(_STORAGE) else None
    return None if name is None else f"{name} Storage"


def without_pixels(sop_class: str, modality: str) -> str:
    """What an object that holds no pixel data is.

    >>> without_pixels("1.2.840.10008.5.1.4.1.1.2", "CT")
    'CT objects without pixel data'
    """
    return name_without_pixels(sop_class) or f"{modality or 'unknown'} objects without pixel data"
