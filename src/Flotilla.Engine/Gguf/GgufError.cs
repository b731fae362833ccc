namespace Flotilla.Engine.Gguf;

/// <summary>Every way in which a model file can be malformed, in the order in which a reader meets them.</summary>
public enum GgufError
{
    /// <summary>The file ends inside the thing that was being read.</summary>
    Truncated,

    /// <summary>The first four bytes are not <c>GGUF</c>.</summary>
    BadMagic,

    /// <summary>A version that this reader does not know, or a big-endian file.</summary>
    BadVersion,

    /// <summary>A count or length is beyond its limit, or beyond what the rest of the file can hold.</summary>
    TooLarge,

    /// <summary>A metadata key is empty, too long or no UTF-8.</summary>
    BadKey,

    /// <summary>A metadata key stands twice.</summary>
    DuplicateKey,

    /// <summary>A metadata value has a type that does not exist, or an array of arrays.</summary>
    BadValueType,

    /// <summary>Text is not UTF-8.</summary>
    BadText,

    /// <summary>A metadata value has another type than its key must have.</summary>
    WrongValueType,

    /// <summary>The alignment is not a power of two, or beyond its limit.</summary>
    BadAlignment,

    /// <summary>A tensor's name is empty, too long or no UTF-8.</summary>
    BadTensorName,

    /// <summary>A tensor's name stands twice.</summary>
    DuplicateTensor,

    /// <summary>A tensor has no dimensions, too many, or one that is zero, negative or overflows with the others.</summary>
    BadShape,

    /// <summary>A tensor has an element type that does not exist.</summary>
    BadTensorType,

    /// <summary>A tensor's rows are not whole blocks of its type.</summary>
    PartialBlock,

    /// <summary>A tensor's offset is not aligned.</summary>
    BadOffset,

    /// <summary>A tensor reaches beyond the end of the file.</summary>
    OutsideFile,

    /// <summary>Two tensors share bytes.</summary>
    Overlap,

    /// <summary>A part of a split model is missing, is another part than its name says, or the parts do not add up.</summary>
    BadSplit,

    /// <summary>A key that the model needs is missing.</summary>
    MissingKey,

    /// <summary>A hyper-parameter is zero, negative, beyond its limit or at odds with another.</summary>
    BadParameter,

    /// <summary>A tensor that the model needs is missing.</summary>
    MissingTensor,

    /// <summary>A tensor's shape is not what the hyper-parameters say.</summary>
    ShapeMismatch,

    /// <summary>A weight or scale is infinite or no number.</summary>
    NotFinite,

    /// <summary>The tokenizer's metadata contradict themselves.</summary>
    BadTokenizer,
}
